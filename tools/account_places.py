"""Print which accounts the set-up proposes: bin/odoo shell -d DB < tools/account_places.py

Each chart of the table whose module is installed is loaded into a company that is rolled back.
CHARTS names some of them only: CHARTS="de_skr03 fr".
"""

import os

from odoo.addons.sp_connector.models.proposals.account_places import table

# Only to look: no modules are installed for the new companies.
Company = env["res.company"].with_context(chart_template_load=True)  # noqa: F821
Template = env["account.chart.template"]  # noqa: F821
shipped = Template._get_chart_template_mapping()
for chart in os.environ.get("CHARTS", "").split() or table():
    if chart not in shipped:
        print(f"\n== {chart}: its module is not installed")
        continue
    country = shipped[chart]["country_id"] or env.ref("base.us").id  # noqa: F821
    company = Company.create({"name": chart, "country_id": country})
    Template.try_loading(chart, company, install_demo=False)
    plan = env["sp.account.plan"].with_company(company)._plan(company)  # noqa: F821
    print(f"\n== {chart}")
    for proposal, planned in plan.items():
        tags = " + ".join(planned.tags.mapped("name"))
        print(
            f"{planned.code:<11} {proposal.name:<43} {planned.group.display_name or '':<40.40} "
            f"{tags:<40.40} {'' if planned.is_certain else 'ASKS: '}{planned.why}"
        )
    env.cr.rollback()  # noqa: F821
