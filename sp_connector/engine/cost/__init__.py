"""Goods that left the stock or came back, and what they cost.

units: which rows tell it · costing: what each unit costs on its day · table: costs from a file
"""
