from . import test_hands
from . import test_sealed
