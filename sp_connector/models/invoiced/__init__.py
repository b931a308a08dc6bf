from . import sp_invoiced_words
