from . import oauth
from . import upload
