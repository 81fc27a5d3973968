from tests.examples import CATALOG, EVIDENCE, GOOD

__all__ = ["CATALOG", "EVIDENCE", "GOOD"]
