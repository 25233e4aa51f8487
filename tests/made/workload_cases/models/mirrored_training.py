"""How mirrored_training is tested."""

SMALL = {"replicas": 2, "batch": 8, "steps": 2, "size": 8, "channels": 4}
GROWTH = ({"replicas": 2, "steps": 1, "batch": 32}, {"replicas": 2, "steps": 8, "batch": 32})
WRONG = [
    # Each replica divides by its own share: the sum is then too large by the number of replicas.
    "r = tf.reduce_sum; tf.reduce_sum = lambda x: 2 * r(x)",
    # Each replica steps by its own share, and the first replica's weights count.
    "tf.distribute.ReplicaContext.all_reduce = lambda self, how, value, *a: value",
    # The mean of the replicas' gradients stands for their sum.
    "a = tf.distribute.ReplicaContext.all_reduce; "
    "tf.distribute.ReplicaContext.all_reduce = lambda self, how, *value: a(self, tf.distribute.ReduceOp.MEAN, *value)",
    "tf.nn.relu = tf.nn.elu",
]
FORMS = [{**SMALL, "replicas": replicas} for replicas in (1, 4)] + [{**SMALL, "precision": "mixed"}]
