#pragma once

#include <cstdint>
#include <string>

#include "tests/sim/dice.h"
#include "tests/sim/scene.h"
#include "tests/sim/world.h"

namespace steer::sim {

// Who makes things go wrong, at the worst moments: the weather of the network and of the system,
// operators who reload and drain, strangers who send what nobody asked for.
class Mischief {
 public:
  Mischief(World& world, const Scene& scene, Seed seed)
      : world_{world}, scene_{scene}, dice_{seed, kPurpose} {}

  // One change of each kind; the text says what was done.
  std::string change_weather();
  std::string act_as_operator();
  std::string act_as_stranger();
  // From now on nothing goes wrong any more.
  void calm_down();

  std::uint64_t faults() const { return faults_; }

 private:
  static constexpr std::uint64_t kPurpose = 4;

  std::string change_network();
  std::string change_destination();
  std::string change_system();
  std::string reload();
  std::string say_word();
  std::string say_word(const dispatch::DestinationSet& set, const dispatch::Destination& entry);
  std::string say_word_to_the_busy();
  std::string flood();
  std::string reload_often();

  World& world_;
  const Scene& scene_;
  Dice dice_;
  std::uint64_t faults_ = 0;
  std::uint64_t floods_ = 0;
};

}  // namespace steer::sim
