"""Vendor extensions that are shipped: one module each. `services.data_transfer.SHIPPED` names them."""
