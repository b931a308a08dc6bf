from . import booked
from . import sp_accrual
from . import sp_accrual_line
from . import sp_accrual_transaction
from . import sp_accrual_sync
from . import sp_accrual_proposal
from . import sp_accrual_entry
from . import sp_accrual_month
