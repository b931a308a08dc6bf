"""An Amazon simulator: consent page, Login with Amazon and Selling Partner API in one WSGI app.

``FakeAmazon`` is Amazon as an object; ``FakeAmazonServer`` puts it on a port; ``in_process``
leads ``requests`` to it without one. See README.md in this folder.
"""

from .fake import FakeAmazon
from .server import FakeAmazonServer, in_process
