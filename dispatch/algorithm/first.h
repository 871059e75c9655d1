// HOT: runs once per datagram.
#pragma once

namespace steer::dispatch {

// "first": the first entry of the list that takes traffic. It hashes nothing; the choice is made in
// choose_first().
struct FirstAlgorithm {};

}  // namespace steer::dispatch
