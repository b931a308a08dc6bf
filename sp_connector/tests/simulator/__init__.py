from . import test_fake_amazon
from . import test_fake_amazon_finances
from . import test_fake_amazon_http
from . import test_fake_amazon_sp_api
