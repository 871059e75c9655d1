#include "core/net/interfaces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steer::net {
namespace {

using ::testing::ElementsAre;

LocalAddress local(const char* text, bool is_up = true) {
  return {*parse_ip(text, 0), is_up};
}

TEST(Interfaces, AConcreteAddressStandsForItself) {
  const Address wanted = ipv4(192, 0, 2, 1, 5060);

  EXPECT_THAT(expand(wanted, {}), ElementsAre(wanted));
}

TEST(Interfaces, AWildcardStandsForTheAddressesOfItsFamilyThatAreUp) {
  const std::vector<LocalAddress> all{local("192.0.2.1"), local("192.0.2.9", false),
                                      local("127.0.0.1"), local("2001:db8::1"), local("192.0.2.1")};

  EXPECT_THAT(expand(ipv4(0, 0, 0, 0, 5060), all),
              ElementsAre(ipv4(127, 0, 0, 1, 5060), ipv4(192, 0, 2, 1, 5060)));
  EXPECT_THAT(expand(*parse_ip("::", 5070), all), ElementsAre(*parse_ip("2001:db8::1", 5070)));
}

TEST(Interfaces, LinkLocalAddressesServeOnlyAlone) {
  const std::vector<LocalAddress> mixed{local("fe80::1"), local("2001:db8::1")};
  const std::vector<LocalAddress> alone{local("fe80::1"), local("192.0.2.1")};
  const Address any = *parse_ip("::", 5060);

  EXPECT_THAT(expand(any, mixed), ElementsAre(*parse_ip("2001:db8::1", 5060)));
  EXPECT_THAT(expand(any, alone), ElementsAre(*parse_ip("fe80::1", 5060)));
}

TEST(Interfaces, ThisMachineHasALoopbackAddress) {
  const Result<std::vector<Address>> all = expand_on_this_machine(ipv4(0, 0, 0, 0, 5060));

  ASSERT_TRUE(all.has_value());
  EXPECT_THAT(*all, ::testing::Contains(ipv4(127, 0, 0, 1, 5060)));
}

}  // namespace
}  // namespace steer::net
