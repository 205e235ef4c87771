"""`make verify-on-aws`: deploys ecs-medic and a tiny broken service into a throw-away account of AWS, and looks.

It is no part of the product, and is in no layer. Until somebody has run it, what it is to see is believed only.
"""
