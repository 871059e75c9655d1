#include "dispatch/selection.h"

namespace steer::dispatch {

template const Destination* choose_among_living(const DestinationSet&, RouteHash,
                                                const TakesNewRequests&) noexcept;
template const Destination* choose_among_living(const DestinationSet&, RouteHash,
                                                const TakesInPanic&) noexcept;

}  // namespace steer::dispatch
