"""Walk through every screen of the addon in Chromium, as each role, on a desk and on a phone.

Prints what the browser's console, Odoo's dialogs and (with axe-core) accessibility complain of,
and keeps a picture of each screen to look at. Which screens: every menu of the app, each view of
it, its first record and what that record's buttons at the top lead to.

    make demo DB=demo SERVE=0
    DB=demo python3 tools/environment python tools/walk.py PICTURES [ROLE…]

Needs playwright (``pip install playwright``) and a Chromium. ``AXE`` names axe-core's
``axe.min.js``; ``ONLY`` a part of the names of the screens; ``PORT``.
"""

import os
import re
import shutil
import sys
from functools import partial
from pathlib import Path

from playwright.sync_api import Error, sync_playwright
from serving import serving

import odoo
from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry

DATABASE = os.environ.get("DB") or "demo"
PORT = int(os.environ.get("PORT") or 8079)
URL = f"http://localhost:{PORT}"
SAMPLES = Path(__file__).parent.parent / "sp_connector" / "engine" / "tests" / "samples"
#: Files that leave settlements in other states than posted.
UNFINISHED = ("v2_unknown_words", "v2_no_total", "v2_does_not_sum", "v2_two_settlements")
#: Each role with its groups; an auditor reads the books, and Amazon's entries there.
ROLES = {
    "admin": (),
    "manager": ("sp_connector.sp_connector_group_manager",),
    "bookkeeper": ("sp_connector.sp_connector_group_user",),
    "auditor": ("account.group_account_readonly",),
}
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
#: Parts of our screens that are Odoo's own and that axe complains of.
ODOOS = (
    ".o-mail-Form-chatter",
    ".o_button_more",
    ".o_clipboard_button",
    ".o_list_actions_header",
    ".o_list_record_selector",
    ".o_field_many2one_avatar_user",
    ".o_field_x2many_list_row_add",
    "div.o-dropdown",
    ".o_field_many2many_tags",
    ".o_notebook_headers",
    ".o_optional_columns_dropdown",
)
ROOT = "sp_connector.sp_connector_menu_root"
ENTRIES = "account.action_move_journal_line"


def main():
    """Walk as the roles of the command line, or all; the exit status says whether it was clean."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    pictures = Path(sys.argv[1])
    pictures.mkdir(parents=True, exist_ok=True)
    prepare()
    with serving(DATABASE, PORT), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        complaints = set()
        for role in sys.argv[2:] or ROLES:
            for size in SIZES:
                walk = Walk(browser, role, size, pictures)
                walk.all()
                complaints |= walk.complaints
    print(f"{len(complaints)} complaints.")
    return 1 if complaints else 0


def prepare(unfinished=UNFINISHED):
    """A user for each role, and settlements that wait, in the database of the demo."""
    odoo.tools.config.parse_config(["-d", DATABASE, "--log-level", "error"], setup_logging=True)
    registry = Registry(DATABASE)
    from odoo.addons.sp_connector.engine.lines.flat_file import open_reports

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        company = env.ref("base.main_company")
        for login, groups in ROLES.items():
            if not env["res.users"].search_count([("login", "=", login)]):
                ids = [env.ref(group).id for group in ("base.group_user", *groups)]
                env["res.users"].create(
                    {
                        "name": login.title(),
                        "login": login,
                        "password": login,
                        "group_ids": [Command.set(ids)],
                        "company_id": company.id,
                        "company_ids": [Command.set(company.ids)],
                    }
                )
        if "odoobot_state" in env["res.users"]._fields:  # its chat covers the phone's screen
            env["res.users"].search([]).odoobot_state = "disabled"
        for name in unfinished:
            path = SAMPLES / f"{name}.txt"
            for report in open_reports(path.name, partial(path.open, "rb")):
                env["sp.settlement"].with_company(company)._import_report(report, company)


class Walk:
    """One role at one size of the screen."""

    def __init__(self, browser, role, size, pictures):
        self.role, self.size, self.pictures = role, size, pictures
        width, height = SIZES[size]
        self.page = browser.new_page(
            viewport={"width": width, "height": height}, has_touch=size == "phone"
        )
        self.screen = "sign-in"
        self.complaints = set()
        self.page.on("pageerror", lambda error: self.complain(f"error: {error}"))
        self.page.on("console", self._listen)

    def _listen(self, message):
        if message.type == "error":
            self.complain(f"console: {message.text}")

    def complain(self, text):
        text = f"{self.role} {self.size} {self.screen}: {text[:400]}"
        if text not in self.complaints:
            self.complaints.add(text)
            print(text, flush=True)

    def all(self):
        """Sign in and see every screen that this role has."""
        self.sign_in()
        for name, path in self.screens():
            if os.environ.get("ONLY", "") in name:
                self.see(name, path)
        self.page.close()

    def sign_in(self):
        self.page.goto(f"{URL}/web/login")
        self.page.fill("input[name=login]", self.role)
        self.page.fill("input[name=password]", self.role)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar")

    def screens(self):
        """Return (name, path) of each menu of the app that this role sees."""
        menus = self.page.evaluate("() => fetch('/web/webclient/load_menus').then(r => r.json())")
        menus = {str(key): menu for key, menu in menus.items()}
        roots = [
            menu
            for menu in menus.values()
            if menu.get("xmlid") == "sp_connector.sp_connector_menu_root"
        ]
        found, todo = [("entries", f"/odoo/action-{ENTRIES}")], roots
        while todo:
            menu = todo.pop(0)
            todo = [menus[str(child)] for child in menu.get("children", ())] + todo
            if menu.get("actionID") and not menu.get("children"):
                name = re.sub(r"\W+", "-", menu["name"].lower())
                found.append((name, f"/odoo/action-{menu['actionID']}"))
        return found

    def see(self, name, path):
        """See one screen in each of its views, its first record, and what that one leads to."""
        self.screen = name
        self.page.goto(URL + path)
        self.look(name)
        show = self.page.locator("button[name=action_show]:visible")
        if show.count():
            show.click()
            self.look(f"{name}-shown")
            return
        switches = self.page.locator(".o_cp_switch_buttons button.o_switch_view:visible")
        for number in range(switches.count() if self.size == "desk" else 0):
            switches.nth(number).click()
            self.look(f"{name}-view-{number}")
        self.page.goto(URL + path)
        self.settle()
        if (
            self.page.locator(".o_group_header").count()
            and not self.page.locator(".o_data_row").count()
        ):
            self.page.locator(".o_group_header .o_group_name").first.click()
            self.settle()
        first = self.page.locator(
            ".o_action .o_data_row td.o_data_cell:visible,"
            ".o_action .o_kanban_record:not(.o_kanban_ghost):visible"
        ).first
        if not first.count():
            return
        try:
            first.click(timeout=5000)
        except Error as error:
            return self.complain(f"first record: {error}")
        self.settle()
        if not self.page.locator(".o_form_view").count():
            return
        self.look(f"{name}-form")
        self.follow(name, self.page.url)

    def follow(self, name, url):
        """Press each button at the top of a form."""
        buttons = self.page.locator(".oe_stat_button:visible")
        for number in range(buttons.count()):
            buttons.nth(number).click()
            self.look(f"{name}-form-{number}")
            self.page.goto(url)
            self.settle()

    def settle(self):
        """Wait until the screen is there and nothing is loading any more."""
        self.page.wait_for_selector(".o_action, .o_error_dialog, .modal", state="attached")
        self.page.wait_for_timeout(500)
        self.page.wait_for_function(
            "() => !document.querySelector('.o_loading_indicator, .o_blockUI')"
        )

    def look(self, name):
        """Take the picture and listen to what dialogs and axe say."""
        self.screen = name
        self.settle()
        self.page.screenshot(path=self.pictures / f"{self.size}-{self.role}-{name}.png")
        for dialog in self.page.locator(".o_error_dialog, .modal:has-text('Access Error')").all():
            self.complain("dialog: " + " ".join(dialog.inner_text().split()))
        if axe := os.environ.get("AXE"):
            self.page.add_script_tag(path=axe)
            found = self.page.evaluate(
                "odoos => axe.run({include: ['.o_content'], exclude: odoos})", ODOOS
            )
            for violation in found["violations"]:
                if violation["impact"] == "critical":
                    nodes = [node["html"][:160] for node in violation["nodes"]]
                    self.complain(f"axe: {violation['id']} {nodes[:3]}")
        for text in self.page.locator(".o_action").all_inner_texts():
            for odd in re.findall(r"\b(?:sp\.[a-z.]+,\d+|undefined|NaN|\[object Object\])", text):
                self.complain(f"odd text: {odd}")


if __name__ == "__main__":
    sys.exit(main())
