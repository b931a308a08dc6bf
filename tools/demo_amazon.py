"""The Amazon of the demo: the simulator in a process beside Odoo, and its sellers connected.

Run as a program this file is that process. It ends when its standard input does: with the demo or
with the Odoo the demo turns into, however those end.
"""

import json
import os
import runpy
import subprocess
import sys
import threading
from pathlib import Path

import requests

SIMULATOR = Path(__file__).parent.parent / "sp_connector" / "tests" / "fake_amazon"


class DemoAmazon:
    """The simulator for an Odoo at ``base_url``, known to that Odoo as an application.

    Again and again is safe: the simulator is new and may be at another port, its ids are not.

    :param files: settlement files that the sellers have at Amazon
    """

    def __init__(self, env, base_url, files):
        env = env(user=env.ref("base.user_admin"))
        parameters = env["ir.config_parameter"].sudo()
        parameters.set_param("web.base.url", base_url)
        parameters.set_param("web.base.url.freeze", "True")
        self.application = env["sp.application"].search(
            [("environment", "=", "simulator")], limit=1
        )
        if not self.application:
            # Its Login URI holds its id, so it comes first; the sandbox asks for no hosts.
            self.application = self.application.create(
                {
                    "name": "Amazon Simulator",
                    "environment": "sandbox",
                    "application_ref": "-",
                    "client_id": "-",
                }
            )
        facts = self._start(files)
        self.application.write(
            {
                "environment": "simulator",
                "is_draft": False,
                "application_ref": facts["application_id"],
                "client_id": facts["client_id"],
                "client_secret": facts["client_secret"],
                "lwa_host": facts["lwa"],
                "seller_central_host": facts["seller_central"],
                **{f"api_host_{region}": host for region, host in facts["hosts"].items()},
            }
        )
        self._control = f"{facts['lwa']}/_control"
        self.sellers = sellers = facts["sellers"]
        self.report_count = sum(seller["reports"] for seller in sellers)
        # Who has no reports is left for people to try Connect with; what is connected already
        # needs the tokens of the new simulator.
        busy = [one for one in sellers if one["reports"] or self._known(one).state == "connected"]
        self.connections = env["sp.connection"].union(*map(self._connect, busy or sellers[:1]))
        self.connections.user_id = admin = env.ref("base.user_admin")
        admin.email = admin.email or "admin@example.com"  # whom its notices are sent to

    def _start(self, files):
        """Start the process and return what the simulator says about itself."""
        arguments = ["--control", "--redirect-uri", self.application.redirect_uri]
        arguments += ["--login-uri", self.application.login_uri]
        if files:
            arguments += ["--files", *map(str, files)]
        self.process = subprocess.Popen(
            [sys.executable, __file__, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        if not line:
            sys.exit("The Amazon simulator did not start; its messages are above.")
        return json.loads(line)

    def command(self, name, **arguments):
        """Have the simulator do something, see its ``control.py``."""
        answer = requests.post(f"{self._control}/{name}", json=arguments, timeout=30)
        answer.raise_for_status()

    def _connect(self, seller):
        """Connect a seller as a private application does: by refresh token, verified first."""
        connections = self.application.env["sp.connection"]
        if known := self._known(seller):
            env = connections.env
            with env["sp.client"]._lwa(self.application.sudo()) as lwa:
                tokens = lwa.refresh(seller["refresh_token"])
            env["sp.grant"]._accept(known, tokens, seller["selling_partner_id"])
            return known
        place = connections.env["sp.marketplace"].search(
            [("country_id.code", "=", seller["country"])], limit=1
        )
        wizard = connections.env["sp.connect"].create(
            {
                "application_id": self.application.id,
                "region": seller["region"],
                "marketplace_id": place.id,
                "method": "token",
                "selling_partner_ref": seller["selling_partner_id"],
                "refresh_token": seller["refresh_token"],
            }
        )
        return connections.browse(wizard.action_connect()["res_id"])

    def _known(self, seller):
        return self.application.env["sp.connection"].search(
            [
                ("application_id", "=", self.application.id),
                ("selling_partner_ref", "=", seller["selling_partner_id"]),
                ("parent_id", "=", False),
            ]
        )

    def text(self):
        """Return a line for each connected seller, with its marketplaces."""
        lines = ["Connected to the Amazon simulator:"]
        for connection in self.connections:
            other = connection.participation_ids.filtered(
                lambda line: line.marketplace_id and not line.is_participating
            )
            text = f"    {connection.name}, seller {connection.selling_partner_ref}: "
            text += connection.active_names
            if other:
                text += f" (not participating: {', '.join(other.mapped('name'))})"
            lines.append(text)
        return "\n".join(lines)

    def outlive_exec(self):
        """Let the program that replaces this one keep the simulator running."""
        os.set_inheritable(self.process.stdin.fileno(), True)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def _end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_input, daemon=True).start()
    runpy.run_path(str(SIMULATOR), run_name="__main__")
