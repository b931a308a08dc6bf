"""What people read for the engine's kinds of goods, and for why they are not booked."""

from ...engine.cost.costing import FREE, KEPT, LISTED, MISSING, NAMELESS, PRODUCT, UNCLEAR
from ...engine.cost.units import FOUND, LOST, REFUNDED, SOLD

KINDS = [
    (SOLD, "Sold"),
    (REFUNDED, "Refunded"),
    (LOST, "Lost or damaged at Amazon"),
    (FOUND, "Found by Amazon"),
]
SOURCES = [(LISTED, "Costs of SKUs"), (PRODUCT, "Product")]
REASONS = [
    (MISSING, "No cost: holds the settlement"),
    (FREE, "Costs nothing, as somebody said"),
    (UNCLEAR, "Amazon does not say how many"),
    (NAMELESS, "Amazon does not name the SKU"),
    (KEPT, "Not booked, by the settings"),
]
