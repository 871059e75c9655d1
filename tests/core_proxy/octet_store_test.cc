#include "core/proxy/octet_store.h"

#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/alloc_guard.h"
#include "tests/support/seed.h"

namespace steer::proxy {
namespace {

TEST(OctetStore, KeepsWhatItIsGiven) {
  OctetStore store{4 * OctetStore::kChunkSize};
  const std::string first(700, 'a');
  const std::string second = "b";

  const Block a = store.keep(first);
  const Block b = store.keep(second);

  EXPECT_EQ(store.view(a), first);
  EXPECT_EQ(store.view(b), second);
  EXPECT_EQ(store.view(Block{}), "");
}

TEST(OctetStore, LittleIsLostByRoundingUp) {
  for (std::size_t size = 200; size <= 8'192; ++size) {
    EXPECT_GE(OctetStore::room_of(size), size);
    EXPECT_LE(OctetStore::room_of(size), size + size / 8 + OctetStore::kUnit);
  }
  EXPECT_EQ(OctetStore::room_of(8'193), 10'912U);
  EXPECT_EQ(OctetStore::room_of(65'535), 65'536U);
}

TEST(OctetStore, SaysNoWhenItIsFull) {
  OctetStore store{2 * OctetStore::kChunkSize};
  const std::string large(40'000, 'x');
  Block first = store.keep(large);
  const Block second = store.keep(large);

  EXPECT_FALSE(second.empty());
  EXPECT_TRUE(store.keep("y").empty());

  store.release(first);
  EXPECT_TRUE(first.empty());
  EXPECT_FALSE(store.keep("y").empty());
}

TEST(OctetStore, TheLargestDatagramFitsAndNothingLarger) {
  OctetStore store{2 * OctetStore::kChunkSize};

  EXPECT_EQ(store.keep(std::string(OctetStore::kBlockSizeMax, 'x')).size, 65'535);
  EXPECT_TRUE(store.keep(std::string(OctetStore::kBlockSizeMax + 1, 'x')).empty());
}

TEST(OctetStore, AChunkServesAnotherSizeOnceItIsEmpty) {
  OctetStore store{3 * OctetStore::kChunkSize};
  for (const std::size_t size : {100U, 1'000U, 10'000U, 60'000U, 100U}) {
    std::vector<Block> blocks;
    for (Block block = store.keep(std::string(size, 'x')); !block.empty();
         block = store.keep(std::string(size, 'x'))) {
      blocks.push_back(block);
    }
    EXPECT_GE(blocks.size() * OctetStore::room_of(size), 3 * OctetStore::kChunkSize * 9 / 10)
        << size;
    for (Block& block : blocks) {
      store.release(block);
    }
    EXPECT_EQ(store.block_count(), 0U);
  }
}

TEST(OctetStore, SteadyLoadUsesNoMoreOfIt) {
  OctetStore store{64 * OctetStore::kChunkSize};
  std::vector<Block> blocks(500);
  for (Block& block : blocks) {
    block = store.keep(std::string(900, 'x'));
  }
  const std::size_t used = store.used();

  for (int round = 0; round < 100; ++round) {
    for (Block& block : blocks) {
      store.release(block);
      block = store.keep(std::string(900, 'x'));
    }
  }

  EXPECT_EQ(store.used(), used);
}

TEST(OctetStore, NoBlockReachesIntoAnother) {
  const Seed seed = test::run_seed();
  SCOPED_TRACE(testing::Message() << "--seed=" << seed.value);
  test::Random random{seed.value};
  OctetStore store{8 * OctetStore::kChunkSize};
  std::vector<std::pair<Block, std::string>> kept;
  std::size_t refused = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2 == 0 || kept.empty()) {
      const std::size_t size = 1 + random() % (random() % 10 == 0 ? 65'000 : 3'000);
      std::string text(size, static_cast<char>('a' + random() % 26));
      const Block block = store.keep(text);
      if (block.empty()) {
        ++refused;
      } else {
        kept.emplace_back(block, std::move(text));
      }
    } else {
      const std::size_t which = random() % kept.size();
      ASSERT_EQ(store.view(kept[which].first), kept[which].second);
      store.release(kept[which].first);
      kept[which] = std::move(kept.back());
      kept.pop_back();
    }
    ASSERT_EQ(store.block_count(), kept.size());
    ASSERT_LE(store.used(), store.capacity());
  }
  for (const auto& [block, text] : kept) {
    ASSERT_EQ(store.view(block), text);
  }
  EXPECT_GT(refused, 0U) << "the test was to fill it";
}

TEST(OctetStore, NothingIsAllocatedOnceItIsMade) {
  OctetStore store{4 * OctetStore::kChunkSize};
  const std::string text(500, 'x');
  const test::AllocGuard guard;

  for (int i = 0; i < 1'000; ++i) {
    Block block = store.keep(text);
    store.release(block);
  }

  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace steer::proxy
