"""The routes of OCPP 1.6; each functional block registers its own."""

from voltherd.gateway.routing import Routes

routes = Routes()
