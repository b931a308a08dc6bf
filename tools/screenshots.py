"""Take the pictures of the module's page anew, from the demo as it is now.

    make demo DB=demo SERVE=0
    DB=demo python3 tools/environment python tools/screenshots.py

Needs playwright (``pip install playwright``) and a Chromium; ``PORT``, and ``DB`` as the demo has.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright
from serving import serving
from walk import DATABASE, PORT, SAMPLES, URL, Walk, prepare

PAGES = Path(__file__).parent.parent / "sp_connector" / "static" / "description"
#: Looked at before the import: one that will be held, one that is there already.
FILES = ("v2_unknown_words", "v2_uk_gbp")
#: A settlement over the end of a month, with two entries.
SETTLEMENT = "99000000102"
SIZE = (1240, 860)


def main():
    prepare(unfinished=())
    with serving(DATABASE, PORT), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        camera = Camera(browser)
        camera.home()
        camera.import_files()
        camera.settlement()
    return 0


class Camera(Walk):
    """An administrator who walks to what is shown, and keeps a picture of it."""

    def __init__(self, browser):
        super().__init__(browser, "admin", "desk", PAGES)
        self.page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
        self.sign_in()

    def keep(self, name, element=None):
        """Write a picture of the page, or of a part of it, in few colours: it is shipped."""
        self.settle()
        self.page.mouse.move(0, 0)
        picture = (element or self.page).screenshot(animations="disabled")
        image = Image.open(io.BytesIO(picture)).convert("RGB")
        image.quantize(128).save(PAGES / f"screenshot_{name}.png", optimize=True)

    def go(self, action):
        self.page.goto(f"{URL}/odoo/action-sp_connector.{action}")
        self.settle()

    def home(self):
        self.go("sp_home_action")
        self.keep("home")

    def import_files(self):
        self.go("sp_settlement_import_action")
        samples = [(SAMPLES / f"{name}.txt").read_bytes() for name in FILES]
        # The second once more, as a settlement that Odoo does not know yet.
        samples.append(samples[1].replace(b"99000000101", b"99000000103"))
        files = [
            {"name": f"{4806128000 + number}.txt", "mimeType": "text/plain", "buffer": data}
            for number, data in enumerate(samples)
        ]
        self.page.locator("input[type=file]").first.set_input_files(files)
        self.page.wait_for_selector(f".o_sp_file:nth-of-type({len(files)})")
        self.page.click("button[name=action_check]")
        self.page.wait_for_selector(".o_sp_found .o_kanban_record")
        self.keep("import", self.page.locator(".modal-content, .o_form_view").last)

    def settlement(self):
        self.go("sp_settlement_action")
        self.page.click(".o_facet_remove")
        self.page.click(f".o_data_row:has-text('{SETTLEMENT}') td[name=settlement_ref]")
        self.page.wait_for_selector(".o_sp_kind")
        self.keep("settlement")


if __name__ == "__main__":
    sys.exit(main())
