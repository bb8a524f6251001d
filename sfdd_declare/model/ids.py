"""Identifiers of both systems as distinct types, so that they cannot be mixed up."""

from __future__ import annotations

from typing import NewType

SalesforceId = NewType("SalesforceId", str)  # 18 characters, as the API returns it
ContactId = NewType("ContactId", int)  # Dotdigital contact
ListId = NewType("ListId", int)  # Dotdigital address book (list)
OperationId = NewType("OperationId", str)  # unique within one plan, stable between equal plans
AccountKey = NewType("AccountKey", str)  # key under dotdigital.accounts
