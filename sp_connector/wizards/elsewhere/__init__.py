from . import sp_elsewhere_proposal
