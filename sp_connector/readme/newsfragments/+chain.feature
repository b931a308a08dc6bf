Missing settlements are named with the way to get them; who is responsible is told what waits.
