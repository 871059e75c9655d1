#include "dispatch/selection.h"

namespace steer::dispatch {

template const Destination* choose_among_living(const DestinationSet&, RouteHash,
                                                const TakesNewRequests&) noexcept;

}  // namespace steer::dispatch
