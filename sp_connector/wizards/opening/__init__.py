from . import sp_opening_proposal
from . import sp_opening_proposal_line
