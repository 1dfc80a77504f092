"""Everything on one machine: the embedded servers, and the supervisor behind `lyceum up`."""
