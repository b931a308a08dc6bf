from . import test_control_tours
