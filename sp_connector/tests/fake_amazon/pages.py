"""The HTML of the simulator's Seller Central: plain, and clear about not being Amazon."""

from markupsafe import Markup
from werkzeug.wrappers import Response

_STYLE = Markup("""
  * { box-sizing: border-box }
  body { margin: 0; background: #f2f4f5; color: #1f2a30;
         font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif }
  .banner { background: #7a2f8f; color: #fff; padding: .5rem 1.25rem; font-weight: 600 }
  .banner span { font-weight: 400; opacity: .9 }
  header { background: #22343c; color: #fff; padding: .9rem 1.25rem; font-size: 1.1rem }
  main { max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
  .card { background: #fff; border: 1px solid #d5dbdd; border-radius: 8px; padding: 1.5rem 1.75rem }
  h1 { font-size: 1.4rem; margin: 0 0 .75rem }
  dl { display: grid; grid-template-columns: 11rem 1fr; gap: .35rem 1rem; margin: 1.25rem 0 }
  dt { color: #5b6a71 } dd { margin: 0; overflow-wrap: anywhere }
  label.seller { display: block; padding: .4rem 0 }
  .buttons { display: flex; gap: .75rem; margin-top: 1.5rem }
  td .buttons { margin: 0; justify-content: flex-end }
  td button, td a.button { white-space: nowrap }
  td code { font-size: .8em }
  button, a.button { display: inline-block; border: 1px solid #9aa7ad; border-radius: 6px;
         background: #fff; padding: .55rem 1.3rem; font: inherit; color: inherit; cursor: pointer;
         text-decoration: none }
  button.primary { background: #146eb4; border-color: #146eb4; color: #fff }
  .error { border-left: 5px solid #b3261e } .done { border-left: 5px solid #1b7f4b }
  code { background: #eef1f2; padding: .1rem .35rem; border-radius: 4px; overflow-wrap: anywhere }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; padding: .5rem .5rem .5rem 0; border-bottom: 1px solid #e3e8ea }
  form.inline { display: inline }
""")

_PAGE = Markup("""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title} – Amazon simulator</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>
<body><div class="banner">Amazon simulator <span>– for tests and demonstrations. Nothing here
reaches Amazon.</span></div><header>Seller Central (simulated)</header>
<main><div class="card {kind}"><h1>{title}</h1>{content}</div></main></body></html>
""")

_CONSENT = Markup("""
<p><strong>{application.name}</strong> asks for access to your selling account.</p>
<dl><dt>Application</dt><dd><code>{application.application_id}</code></dd>
<dt>It will be able to use</dt><dd>{roles}</dd>
<dt>You return to</dt><dd><code>{redirect_uri}</code></dd></dl>
<form method="post" action="{action}">{hidden}
<p>You are signed in as</p>{sellers}
<div class="buttons">
<button class="primary" id="confirm" name="decision" value="confirm">Confirm</button>
<button id="cancel" name="decision" value="cancel">Cancel</button></div></form>
""")

_START = Markup("""
<p>{words}</p>
<form method="post" action="{action}">{hidden}
<p>You are signed in as</p>{sellers}
<div class="buttons">
<button class="primary" id="authorize" name="decision" value="confirm">{button}</button>
</div></form>
""")

_APPS = Markup("""
<p>Signed in as <strong>{seller.name}</strong> (<code>{seller.selling_partner_id}</code>).
{others}</p>{table}
""")


def page(title, content, kind="", status=200):
    text = _PAGE.format(title=title, style=_STYLE, kind=kind, content=content)
    response = Response(text, status, content_type="text/html;charset=UTF-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def error(code, text):
    """Amazon's error page with a code; Amazon does not return to the application from here."""
    content = Markup('<p>{text}</p><p>Error code: <code id="error-code">{code}</code></p>').format(
        text=text, code=code
    )
    return page("Something went wrong", content, "error", 400)


def cancelled():
    text = Markup("<p>The application got no access. You may close this page.</p>")
    return page("Authorization cancelled", text)


def landing(values):
    """What an application gets at its redirect URI, to be copied by hand."""
    row = Markup("<dt>{name}</dt><dd><code>{value}</code></dd>")
    rows = Markup("").join(row.format(name=name, value=value) for name, value in values.items())
    words = Markup("<p>The application would take this from here:</p><dl>{rows}</dl>")
    return page("Back at the application", words.format(rows=rows), "done")


def hidden(values):
    """Hidden fields of a form; ``None`` leaves one out."""
    field = Markup('<input type="hidden" name="{name}" value="{value}">')
    return Markup("").join(
        field.format(name=name, value=value) for name, value in values.items() if value is not None
    )


def seller_choice(sellers, chosen):
    """Radio buttons: who is signed in at this Seller Central."""
    row = Markup(
        '<label class="seller"><input type="radio" name="seller" value="{one.selling_partner_id}"'
        "{checked}> {one.name} <code>{one.selling_partner_id}</code> {countries}</label>"
    )
    return Markup("").join(
        row.format(
            one=one,
            checked=Markup(" checked") if one is chosen else "",
            countries=", ".join(p.marketplace.country_code for p in one.participations),
        )
        for one in sellers
    )


def consent(application, redirect_uri, action, fields, sellers, chosen):
    content = _CONSENT.format(
        application=application,
        roles=", ".join(sorted(application.roles)),
        redirect_uri=redirect_uri,
        action=action,
        hidden=hidden(fields),
        sellers=seller_choice(sellers, chosen),
    )
    return page(f"Authorize {application.name}", content)


def start(application, action, sellers, chosen, is_renewal):
    """The page where an authorisation begins at Amazon."""
    if is_renewal:
        words = f"{application.name} has access already. Renew it for another 365 days."
    else:
        words = f"Give {application.name} access to your selling account."
    content = _START.format(
        words=words,
        action=action,
        hidden="",
        sellers=seller_choice(sellers, chosen),
        button="Re-Authorize" if is_renewal else "Authorize Now",
    )
    return page(application.name, content)


def manage(sellers, seller, grants, prefix):
    """Manage Your Apps.

    :param grants: the seller's newest grant of each application, with its state in words
    """
    link = Markup('<a href="{prefix}/apps/manage?seller={one.selling_partner_id}">{one.name}</a>')
    others = Markup(" · ").join(link.format(prefix=prefix, one=o) for o in sellers if o != seller)
    row = Markup("""
<tr><td>{app.name}<br><code>{app.application_id}</code></td><td>{state}</td>
<td><div class="buttons"><a class="button" href="{link}">{renew}</a> {disable}</div></td></tr>
""")
    confirm = "{}/apps/authorize/confirm/{}?seller={}"
    disable = Markup(
        '<form class="inline" method="post" action="{prefix}/apps/manage/disable">{hidden}'
        '<button id="disable">Disable authorization</button></form>'
    )
    rows = Markup("").join(
        row.format(
            app=grant.application,
            state=state,
            link=confirm.format(
                prefix, grant.application.application_id, seller.selling_partner_id
            ),
            renew="Re-Authorize" if is_valid else "Enable Authorization",
            disable=disable.format(
                prefix=prefix,
                hidden=hidden(
                    {
                        "seller": seller.selling_partner_id,
                        "application_id": grant.application.application_id,
                    }
                ),
            )
            if is_valid
            else "",
        )
        for grant, state, is_valid in grants
    )
    head = Markup(
        "<table><tr><th>Application</th><th>Authorization</th><th></th></tr>{rows}</table>"
    )
    content = _APPS.format(
        seller=seller,
        others=Markup("Or sign in as {}.").format(others) if others else "",
        table=head.format(rows=rows) if rows else Markup("<p>No application has access.</p>"),
    )
    return page("Manage Your Apps", content)


def console(rows, action):
    """The developer console: Authorize app, Manage Authorizations.

    :param rows: list of (application, seller, number of self-authorisations)
    """
    row = Markup("""
<tr><td>{app.name}<br><code>{app.application_id}</code></td>
<td>{seller.name}<br><code>{seller.selling_partner_id}</code></td><td>{count}</td>
<td><form class="inline" method="post" action="{action}/authorize">{hidden}
<button class="primary">Authorize app</button></form> {revoke}</td></tr>
""")
    revoke = Markup(
        '<form class="inline" method="post" action="{action}/revoke">{hidden}'
        "<button>Revoke</button></form>"
    )
    lines = Markup("")
    for application, seller, count in rows:
        fields = hidden(
            {
                "application_id": application.application_id,
                "seller": seller.selling_partner_id,
            }
        )
        lines += row.format(
            app=application,
            seller=seller,
            count=count,
            action=action,
            hidden=fields,
            revoke=revoke.format(action=action, hidden=fields) if count else "",
        )
    table = Markup(
        "<table><tr><th>Application</th><th>Account</th><th>Self-authorizations</th><th></th></tr>"
        "{lines}</table>"
    )
    return page("Developer Console", table.format(lines=lines))


def token(application, seller, refresh_token):
    """What Authorize app shows, once."""
    text = Markup(
        "<p>Refresh token of <strong>{application.name}</strong> for {seller.name} "
        "(<code>{seller.selling_partner_id}</code>). It is not shown again.</p>"
        '<p><code id="refresh-token">{refresh_token}</code></p>'
    )
    return page(
        "Authorize app",
        text.format(application=application, seller=seller, refresh_token=refresh_token),
        "done",
    )
