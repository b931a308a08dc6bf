"""A plain Odoo with Invoicing, our app found in the list of apps, and a first posted settlement.

What a new user does, in Chromium, as the administrator: nothing is prepared but a database with
``account``. From the installed app on the clicks are counted and the time is taken; more of either
than is promised fails. What the browser's console or Odoo complain of fails, too.

    make test-install

Needs playwright (``pip install playwright``) and a Chromium. ``DB`` names the database, which is
made anew; ``PICTURES`` a folder for a picture of each step; ``PORT``.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright
from serving import serving

DATABASE = os.environ.get("DB") or "sp_first_run"
PORT = int(os.environ.get("PORT") or 8077)
URL = f"http://localhost:{PORT}"
FILE = Path(__file__).parent.parent / "sp_connector/engine/tests/samples/v2_us_usd.txt"
MOST_CLICKS, MOST_SECONDS = 8, 180


def main():
    """Install, go all the way, and return the exit status."""
    make_database()
    with serving(DATABASE, PORT), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        person = Person(browser.new_page(viewport={"width": 1440, "height": 900}))
        person.sign_in()
        person.install()
        started = time.monotonic()
        person.post_the_first_settlement()
        seconds = time.monotonic() - started
    print(f"{person.clicks} clicks and {seconds:.0f} seconds from the installed app to Posted.")
    late = person.clicks > MOST_CLICKS or seconds > MOST_SECONDS
    return 1 if late or person.complaints else 0


def make_database():
    """Make a database with nothing but ``account``; it is this script's own."""
    subprocess.check_call(["dropdb", "--force", "--if-exists", DATABASE])
    odoo = [sys.executable, "-m", "odoo", "-d", DATABASE, "--log-level", "error"]
    subprocess.check_call([*odoo, "-i", "account", "--without-demo=all", "--stop-after-init"])


class Person:
    """Somebody with a mouse, whose clicks are counted."""

    def __init__(self, page):
        self.page, self.clicks, self.complaints = page, 0, []
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: self.complain(str(error)))
        page.on("console", lambda said: said.type == "error" and self.complain(said.text))

    def complain(self, text):
        self.complaints.append(text)
        print(f"complaint: {text[:400]}", flush=True)

    def press(self, selector):
        """Click once, and count it."""
        self.page.locator(selector).first.click()
        self.clicks += 1

    def see(self, selector, name):
        """Wait for something, and keep a picture of it."""
        self.page.locator(selector).first.wait_for()
        self.page.wait_for_timeout(300)
        if folder := os.environ.get("PICTURES"):
            self.page.screenshot(path=Path(folder) / f"{name}.png")

    def sign_in(self):
        self.page.goto(f"{URL}/web/login")
        self.page.fill("input[name=login]", "admin")
        self.page.fill("input[name=password]", "admin")
        self.page.click("button[type=submit]")
        self.see(".o_main_navbar", "0-signed-in")

    def install(self):
        """Find the app in the list of apps, activate it, and open it."""
        self.page.goto(f"{URL}/odoo/apps")
        self.page.fill(".o_searchview_input", "Amazon Settlements")
        self.page.keyboard.press("Enter")
        card = ".o_kanban_record:has-text('Amazon settlement reports become')"
        self.see(card, "1-apps")
        # Odoo reloads when it is installed, on whatever page it likes.
        with self.page.expect_navigation(timeout=300_000):
            self.page.locator(f"{card} button:has-text('Activate')").first.click()
        self.page.locator(".o_main_navbar").wait_for()
        self.page.goto(f"{URL}/odoo/amazon")
        self.see(".o_sp_first_run", "2-home")

    def post_the_first_settlement(self):
        """From Home to Posted, without a look into any document."""
        page = self.page
        with page.expect_file_chooser() as chooser:
            self.press(".o_sp_import")
        chooser.value.set_files(FILE)
        self.see(".modal .o_kanban_record", "3-inside")
        self.press(".modal button[name=action_import]")
        self.see(".alert button[name=action_setup]", "4-held")
        self.press(".alert button[name=action_setup]")
        self.see(".modal .o_sp_setup", "5-set-up")
        # A company without a Tax ID is asked once whether it is registered.
        field = page.locator(".modal .o_field_widget[name=registration] input")
        if not field.input_value():
            self.press(".modal .o_field_widget[name=registration] input")
            self.press(".o_select_menu_item:has-text('Not registered')")
        self.see(".modal .o_sp_setup", "6-decided")
        self.press(".modal footer button[name=action_apply]")
        self.see("button[name=action_book]:visible", "7-review")
        self.press("button[name=action_book]:visible")
        self.see("button[name=action_post]:visible", "8-draft")
        self.press("button[name=action_post]:visible")
        self.see(".o_arrow_button_current:has-text('Posted')", "9-posted")


if __name__ == "__main__":
    sys.exit(main())
