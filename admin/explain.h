#pragma once

#include <span>

#include "admin/explanation.h"
#include "admin/service.h"
#include "dispatch/snapshot.h"

namespace steer::admin {

struct ExplainInputs {
  const dispatch::Snapshot& snapshot;
  // What the snapshot's routes were made of, in the same order.
  std::span<const dispatch::RouteDefinition> routes;
  bool draining = false;  // The node as a whole: our own answer to OPTIONS is 503 then.
};

// Why the request of `question` would go where it goes: dispatch::explain() in words. Reads the
// snapshot's records, counts and sends nothing. Says no to a question that cannot be asked.
Answer<Explanation> explain(const ExplainQuestion& question, const ExplainInputs& inputs);

}  // namespace steer::admin
