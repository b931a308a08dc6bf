from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestSignIn(HttpCase):
    """The environment can serve people, not only tests, which sign in by a short cut."""

    def test_a_person_signs_in_and_opens_the_settlements(self):
        self.env["res.users"].create(
            {
                "name": "Bea",
                "login": "bea",
                "password": "bea-signs-in",
                "group_ids": [(6, 0, self.env.ref("sp_connector.sp_connector_group_user").ids)],
            }
        )
        page = self.url_open("/web/login").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        answer = self.url_open(
            "/web/login",
            {
                "login": "bea",
                "password": "bea-signs-in",
                "csrf_token": token,
                "redirect": "/odoo/amazon-settlements",
            },
        )
        self.assertEqual(answer.status_code, 200)
        self.assertIn("/odoo/amazon-settlements", answer.url)
        self.assertIn("odoo.__session_info__", answer.text)
