"""Statements about TensorFlow that probes decide. Pure."""

from collections.abc import Mapping, Sequence

from containers.audit.rules import Died
from containers.audit.trials import Trial, trial
from workloads.harness.probe import Seen
from workloads.vocabulary.census import Census
from workloads.vocabulary.inventory import AuditFact

Outcome = Seen | Died

BAD_VALUES = ("abc", "3.5", "0")

_OPENMP_VARIABLES = ("OMP_", "KMP_", "GOMP_")
_TOLD = 3  # of a list, in evidence

_OPENMP = ("libiomp", "libgomp", "libomp", "libmkl")


def trials(cores: int) -> dict[str, Trial]:
    """The probes that the facts need, by name. Sizes that no pool has by default on `cores` CPUs.

    "late" is a plain one to its end, where it tries to set what is too late.
    """
    environment, api = cores + 1, cores + 2
    return {
        "plain": trial({}),
        "environment": trial({"TF_NUM_INTRAOP_THREADS": environment, "TF_NUM_INTEROP_THREADS": environment}),
        "both": trial(
            {
                **{"TF_NUM_INTRAOP_THREADS": environment, "TF_NUM_INTEROP_THREADS": environment},
                **{"intra_op": api, "inter_op": api},
            }
        ),
        "quota": trial({"cpu_quota": 50}),
        "late": trial({}, late=True),
        "intra -1": trial({"intra_op": -1}),
        "inter -1": trial({"inter_op": -1}),
        **{bad: trial({"TF_NUM_INTRAOP_THREADS": bad, "TF_NUM_INTEROP_THREADS": bad}) for bad in BAD_VALUES},
    }


def facts(outcomes: Mapping[str, Outcome], cores: int, census: Census) -> list[AuditFact]:
    """All facts, from the outcomes of `trials` by the same names, and from a census."""
    return [
        _onednn_kernels(outcomes["plain"]),
        _no_openmp(outcomes["plain"]),
        _openmp_unread(census),
        _sized(
            "api-beats-environment", "The API's pool sizes win over the environment's.", outcomes["both"], cores + 2
        ),
        _sized(
            *("environment-beats-default", "The environment's pool sizes win over the default."),
            *(outcomes["environment"], cores + 1),
        ),
        _quota_ignored(outcomes["quota"], cores),
        _api_too_late(outcomes["late"]),
        _environment_too_late(outcomes["late"]),
        _getter(outcomes["environment"]),
        _bad_environment([outcomes[bad] for bad in BAD_VALUES], cores),
        _intra_minus_one(outcomes["intra -1"]),
        _sized("inter-minus-one-is-default", "inter_op=-1 means the default.", outcomes["inter -1"], cores),
    ]


def _onednn_kernels(plain: Outcome) -> AuditFact:
    statement = "Matrix product and convolution run oneDNN's kernels on TensorFlow's own threads."
    if isinstance(plain, Died) or plain.runtime is None:
        return _open("onednn-kernels", statement, plain, "oneDNN printed nothing")
    primitives = {kernel.split()[0] for kernel in plain.kernels}
    holds = bool(primitives & {"matmul", "inner_product", "gemm_api"}) and "convolution" in primitives
    evidence = f"runtime {plain.runtime} with {plain.nthr} threads; kernels {', '.join(plain.kernels) or 'none'}"
    return AuditFact("onednn-kernels", statement, holds and plain.runtime == "threadpool", evidence)


def _no_openmp(plain: Outcome) -> AuditFact:
    statement = "No OpenMP and no MKL library is loaded."
    if isinstance(plain, Died):
        return _open("no-openmp", statement, plain, "")
    loaded = [name for name in plain.libraries if name.startswith(_OPENMP)]
    return AuditFact("no-openmp", statement, not loaded, f"loaded: {', '.join(loaded) or 'none of them'}")


def _openmp_unread(census: Census) -> AuditFact:
    name, statement = "openmp-unread", "TensorFlow asks for none of OpenMP's variables."
    of_openmp = [read for read in census.reads if read.variable.startswith(_OPENMP_VARIABLES)]
    asked = sorted({f"{read.variable} by {read.by}" for read in of_openmp if read.is_tensorflows})
    found = {
        f"{variable} by {libraries[0]}, which may look at all variables itself"
        for variable, libraries in census.hidden.items()
        if variable.startswith(_OPENMP_VARIABLES)
    }
    if asked or found:
        return AuditFact(name, statement, False, "; ".join([*asked, *sorted(found)][:_TOLD]))
    if census.missed is not None:
        return AuditFact(name, statement, None, census.missed)
    others = "; ".join(sorted({f"{read.variable} by {read.by}" for read in of_openmp})[:_TOLD])
    return AuditFact(name, statement, True, f"others ask: {others}" if others else "nobody asks for one")


def _sized(name: str, statement: str, outcome: Outcome, size: int) -> AuditFact:
    """Both pools have `size` threads."""
    if isinstance(outcome, Died) or _unseen(outcome):
        return _open(name, statement, outcome, "the pools' threads could not be seen")
    holds = outcome.intra_threads == outcome.inter_threads == size
    return AuditFact(name, statement, holds, f"{_pools(outcome)}; {size} and {size} if it holds")


def _quota_ignored(outcome: Outcome, cores: int) -> AuditFact:
    statement = "A CPU quota does not change the pools' sizes, which follow the affinity mask."
    fact = _sized("quota-ignored", statement, outcome, cores)
    if isinstance(outcome, Died) or fact.holds is None:
        return fact
    held = "unknown" if outcome.throttled_s is None else f"{outcome.throttled_s:.2f} s"
    evidence = f"quota of half a CPU beside {len(outcome.cpus)} in the mask: {_pools(outcome)}; held up for {held}"
    return AuditFact(fact.id, statement, fact.holds, evidence)


def _api_too_late(outcome: Outcome) -> AuditFact:
    statement = "Setting a pool's size by the API after the first operation raises an error."
    if isinstance(outcome, Died) or outcome.late is None:
        return _open("api-too-late", statement, outcome, "not tried")
    return AuditFact("api-too-late", statement, bool(outcome.late.api), outcome.late.api or "nothing was raised")


def _environment_too_late(outcome: Outcome) -> AuditFact:
    statement = "Setting environment variables after the first operation changes nothing."
    if isinstance(outcome, Died) or outcome.late is None or outcome.late.new_threads is None:
        return _open("environment-too-late", statement, outcome, "not seen")
    late = outcome.late
    same = late.onednn == outcome.onednn
    evidence = f"{late.new_threads} new threads; oneDNN operations {'as before' if same else 'turned over'}"
    return AuditFact("environment-too-late", statement, same and late.new_threads == 0, evidence)


def _getter(outcome: Outcome) -> AuditFact:
    statement = "tf.config.threading.get_* answers 0 where the environment has sized the pools."
    if isinstance(outcome, Died) or _unseen(outcome):
        return _open("getter-answers-zero", statement, outcome, "the pools' threads could not be seen")
    evidence = f"it answers {outcome.getters[0]} and {outcome.getters[1]} beside {_pools(outcome)}"
    return AuditFact("getter-answers-zero", statement, outcome.getters == [0, 0], evidence)


def _bad_environment(outcomes: Sequence[Outcome], cores: int) -> AuditFact:
    name, statement = "bad-environment-is-default", "Pool sizes in the environment that are no counts mean the default."
    facts_of_each = [_sized(name, statement, outcome, cores) for outcome in outcomes]
    answers = [fact.holds for fact in facts_of_each]
    evidence = "; ".join(
        f"{bad}: {fact.evidence.partition(';')[0]}" for bad, fact in zip(BAD_VALUES, facts_of_each, strict=True)
    )
    return AuditFact(name, statement, None if None in answers else all(answers), evidence)


def _intra_minus_one(outcome: Outcome) -> AuditFact:
    statement = "intra_op=-1 ends the process."
    if isinstance(outcome, Died):
        return AuditFact("intra-minus-one-aborts", statement, "SIGABRT" in outcome.how, outcome.how)
    return AuditFact("intra-minus-one-aborts", statement, False, f"it lives, with {_pools(outcome)}")


def _open(name: str, statement: str, outcome: Outcome, why: str) -> AuditFact:
    return AuditFact(name, statement, None, outcome.how if isinstance(outcome, Died) else why)


def _unseen(seen: Seen) -> bool:
    return seen.intra_threads is None or seen.inter_threads is None


def _pools(seen: Seen) -> str:
    return f"{seen.intra_threads} intra-op and {seen.inter_threads} inter-op threads"
