"""Declarative configuration of Salesforce and Dotdigital: plan and apply every change, people included."""

__version__ = "0.1.0"
