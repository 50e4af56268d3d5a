"""The routes of OCPP 2.0.1 and 2.1; each functional block registers its own."""

from voltherd.gateway.routing import Routes

routes = Routes()
