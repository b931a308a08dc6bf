from . import test_documents
from . import test_engine
from . import test_layout
from . import test_neutralize
from . import test_packaging
from . import test_security
from . import test_tours
from . import test_wizard_owner
