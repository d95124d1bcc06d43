"""The OpenAPI page at the address where the official component has it, with everything it needs from this
machine.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.staticfiles import StaticFiles
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]

PAGE = "/swagger/index.html"
DOCUMENT = "/swagger/v1/swagger.json"
OPENAPI = "3.0.3"  # the newest that the bundled page can show


def add_swagger(app: FastAPI, schemas: dict[str, Any]) -> None:
    """Serve page, document and the page's files under /swagger/, and lead / to the page. ``schemas``: the
    document's own types.
    """

    @app.get(PAGE, include_in_schema=False, response_model=None)
    async def page() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=DOCUMENT,
            title=app.title,
            swagger_js_url="/swagger/swagger-ui-bundle.js",
            swagger_css_url="/swagger/swagger-ui.css",
            swagger_favicon_url="/swagger/favicon-32x32.png",
            swagger_ui_parameters={
                "validatorUrl": None
            },  # otherwise a web service is asked to judge the document
        )

    @app.get("/", include_in_schema=False)
    @app.get("/swagger", include_in_schema=False)
    @app.get("/swagger/", include_in_schema=False)
    async def to_page() -> RedirectResponse:
        return RedirectResponse(PAGE)

    @app.get(DOCUMENT, include_in_schema=False, response_model=None)
    async def document() -> dict[str, Any]:
        return app.openapi()

    app.mount("/swagger", StaticFiles(directory=str(swagger_ui_path)))
    app.openapi = lambda: openapi_document(app, schemas)  # type: ignore[method-assign]


def openapi_document(app: FastAPI, schemas: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document of ``app`` with ``schemas`` as its components; made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version=OPENAPI,
            description=app.description,
            routes=app.routes,
        )
        document.setdefault("components", {}).setdefault("schemas", {}).update(schemas)
        app.openapi_schema = document
    return app.openapi_schema
