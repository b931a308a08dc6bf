# Before what composes them: the mixins.
from . import sp_approval
from . import sp_approval_gate
from . import sp_approval_mixin
from . import sp_settlement_approval
from . import sp_accrual_approval
