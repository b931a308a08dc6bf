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
    setup = env["sp.account.setup"].with_company(company).create({"company_id": company.id})  # noqa: F821
    print(f"\n== {chart}")
    for line in setup.line_ids:
        tags = " + ".join(line.tag_ids.mapped("name"))
        print(
            f"{line.code:<11} {line.name:<43} {line.group_name or '':<40.40} {tags:<40.40} "
            f"{'' if line.is_certain else 'ASKS: '}{line.why}"
        )
    env.cr.rollback()  # noqa: F821
