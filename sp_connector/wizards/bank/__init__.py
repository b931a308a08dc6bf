from . import sp_clearing
