from . import sp_accrual_tie
