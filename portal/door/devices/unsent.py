"""Which page a form that was not sent stands on: what is typed into it is kept for there."""

from flask import current_app, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect


def form_behind(action: str | None) -> str | None:
    """The address of the page that holds the form which posts to `action`; None where no form of this site does.

    It is the address at which the same form is kept when it is sent after the session has run out.
    """
    path = (action or "").partition("?")[0]
    try:
        endpoint, values = current_app.url_map.bind("").match(path, method="POST")
    except (HTTPException, RequestRedirect):
        return None
    page = getattr(current_app.view_functions[endpoint], "form_endpoint", None)
    return url_for(page, **values) if page else path
