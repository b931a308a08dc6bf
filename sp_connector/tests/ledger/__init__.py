from . import test_sealed
