from . import sp_held
from . import sp_held_line
from . import sp_held_witness
