#include "controller/results/result_store.h"

#include <gmock/gmock.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace tutti::controller {
namespace {

constexpr uint64_t kFirst = 16;

v1::OutputChunk Chunk(uint64_t position, const std::string& data) {
  v1::OutputChunk chunk;
  chunk.set_stream(v1::OUTPUT_STREAM_STDOUT);
  chunk.set_position(position);
  chunk.set_next_position(position + 24 + data.size());
  chunk.set_data(data);
  return chunk;
}

ResultStore::Appended Append(ResultStore& store, TaskOutput& output,
                             uint64_t position, const std::string& data,
                             uint64_t start_position = 0) {
  v1::OutputChunk chunk = Chunk(position, data);
  return store.Append(output, chunk, start_position);
}

// Appends behind what is there.
void Fill(ResultStore& store, TaskOutput& output, const std::string& data) {
  const uint64_t position = std::max(kFirst, output.next_position());
  ASSERT_EQ(Append(store, output, position, data),
            ResultStore::Appended::kStored);
}

// Everything that is in memory, with gaps as "[bytes]".
std::string Read(const TaskOutput& output) {
  std::string text;
  uint64_t position = 0;
  while (true) {
    const OutputView view = output.At(position);
    switch (view.kind) {
      case OutputView::Kind::kNothing:
        return text;
      case OutputView::Kind::kChunk:
        text += view.chunk->content
                    ? view.chunk->content->data
                    : "[" + std::to_string(view.chunk->missing()) + " lost]";
        position = view.chunk->next_position;
        break;
      case OutputView::Kind::kGap:
        text += "[" + std::to_string(view.gap_bytes) + "]";
        position = view.to;
        break;
    }
  }
}

TEST(ResultStoreTest, ReadsBackInOrder) {
  ResultStore store({});
  TaskOutput output;
  Fill(store, output, "one ");
  Fill(store, output, "two");
  EXPECT_EQ(Read(output), "one two");
  EXPECT_EQ(output.stdout_bytes(), 7u);
}

// If this fails, a copy of large files fills the memory with what it asks for.
TEST(ResultStoreTest, OfRequestsOnlyThePositionsAreKept) {
  ResultStore store({});
  TaskOutput output;
  Fill(store, output, "one ");
  const uint64_t before = store.bytes();
  for (int i = 0; i < 1000; ++i) {
    v1::OutputChunk chunk = Chunk(output.next_position(), "asks for more");
    chunk.set_stream(v1::OUTPUT_STREAM_REQUEST);
    ASSERT_EQ(store.Append(output, chunk, 0), ResultStore::Appended::kStored);
    // For whoever feeds it.
    EXPECT_EQ(chunk.data(), "asks for more");
  }
  EXPECT_EQ(store.bytes(), before);
  EXPECT_EQ(output.stdout_bytes(), 4u);
  const OutputView view = output.At(kFirst + 28);
  ASSERT_EQ(view.kind, OutputView::Kind::kChunk);
  EXPECT_EQ(view.chunk->stream, v1::OUTPUT_STREAM_REQUEST);
  EXPECT_EQ(view.chunk->next_position, output.next_position());
  // Whoever read a part of them goes on behind them.
  EXPECT_EQ(output.At(kFirst + 28 + 37).kind, OutputView::Kind::kChunk);
  const uint64_t next = output.next_position();
  Fill(store, output, "two");
  EXPECT_EQ(output.At(next).chunk->content->data, "two");
}

// If this fails, a tail that is followed for days fills the memory.
TEST(ResultStoreTest, WhatEverybodyHasReadGoesAndTheRestStays) {
  ResultStore store({});
  TaskOutput output;
  Fill(store, output, "one ");
  Fill(store, output, "two ");
  const uint64_t two = output.next_position();
  Fill(store, output, "three");
  ResultStore::DropRead(output, two - 1);
  EXPECT_EQ(Read(output), "[4]two three");
  ResultStore::DropRead(output, two);
  EXPECT_EQ(Read(output), "[8]three");
  Fill(store, output, " four");
  ResultStore::DropRead(output, output.next_position());
  EXPECT_EQ(Read(output), "[18]");
  EXPECT_EQ(store.bytes(), 0u);
  Fill(store, output, "five");
  EXPECT_EQ(Read(output), "[18]five");
  EXPECT_EQ(output.evicted_bytes(), 18u);
  ResultStore::DropRead(output, output.next_position());
  store.Finish(output);
  EXPECT_EQ(store.bytes(), 0u);
}

// There is one gap only, so what is before it goes as a whole.
TEST(ResultStoreTest, AHeadBeforeAGapGoesOnceAllOfItWasRead) {
  ResultStore store({.task_bytes = 1000, .total_bytes = 1 << 20});
  TaskOutput output;
  for (int i = 0; i < 10; ++i) {
    Fill(store, output, std::string(100, static_cast<char>('a' + i)));
  }
  const OutputView first = output.At(0);
  ASSERT_EQ(first.kind, OutputView::Kind::kChunk);
  const std::string before = Read(output);
  ResultStore::DropRead(output, first.chunk->next_position);
  EXPECT_EQ(Read(output), before);
  ResultStore::DropRead(output, output.next_position());
  EXPECT_EQ(Read(output), "[1000]");
}

TEST(ResultStoreTest, DuplicatesAndGapsAreNotStored) {
  ResultStore store({});
  TaskOutput output;
  Fill(store, output, "one");
  EXPECT_EQ(Append(store, output, kFirst, "one"),
            ResultStore::Appended::kDuplicate);
  EXPECT_EQ(Append(store, output, 100, "far"),
            ResultStore::Appended::kMisplaced);
  EXPECT_EQ(Read(output), "one");
}

TEST(ResultStoreTest, WhatTheTargetTrimmedIsNotedAsLost) {
  ResultStore store({});
  TaskOutput output;
  Fill(store, output, "one");
  EXPECT_EQ(Append(store, output, 100, "rest", /*start_position=*/100),
            ResultStore::Appended::kStored);
  EXPECT_EQ(Read(output), "one[57 lost]rest");
}

TEST(ResultStoreTest, HeadAndTailAreKeptAndTheGapIsCounted) {
  constexpr uint64_t kCost = 1000 + ResultStore::kChunkOverhead;
  ResultStore store({.task_bytes = 8 * kCost, .total_bytes = 1 << 30});
  TaskOutput output;
  std::string all;
  for (int i = 0; i < 20; ++i) {
    const std::string data(1000, static_cast<char>('a' + i));
    Fill(store, output, data);
    all += data;
  }
  EXPECT_EQ(output.evicted_bytes(), 12'000u);
  EXPECT_EQ(Read(output), all.substr(0, 4000) + "[12000]" + all.substr(16'000));
}

TEST(ResultStoreTest, WhatFitsIsKeptWhole) {
  constexpr uint64_t kCost = 1000 + ResultStore::kChunkOverhead;
  ResultStore store({.task_bytes = 8 * kCost, .total_bytes = 1 << 30});
  TaskOutput output;
  for (int i = 0; i < 8; ++i) Fill(store, output, std::string(1000, 'x'));
  EXPECT_EQ(output.evicted_bytes(), 0u);
  EXPECT_EQ(Read(output), std::string(8000, 'x'));
}

TEST(ResultStoreTest, TotalBudgetTakesTheTasksThatFinishedFirst) {
  ResultStore store({.task_bytes = 1 << 20, .total_bytes = 250'000});
  TaskOutput first, second, live;
  Fill(store, second, std::string(80'000, 'b'));
  Fill(store, first, std::string(80'000, 'a'));
  store.Finish(first);
  store.Finish(second);
  Fill(store, live, std::string(80'000, 'c'));
  EXPECT_EQ(first.evicted_bytes(), 0u);
  Fill(store, live, std::string(80'000, 'd'));
  EXPECT_EQ(Read(first), "[80000]");
  EXPECT_EQ(second.evicted_bytes(), 0u);
  EXPECT_EQ(live.evicted_bytes(), 0u);
}

TEST(ResultStoreTest, TotalBudgetHoldsWhenNothingHasFinished) {
  ResultStore store({.task_bytes = 1 << 20, .total_bytes = 1'000'000});
  std::vector<std::unique_ptr<TaskOutput>> outputs;
  for (int task = 0; task < 10; ++task) {
    outputs.push_back(std::make_unique<TaskOutput>());
  }
  for (int round = 0; round < 20; ++round) {
    for (auto& output : outputs) {
      Fill(store, *output, std::string(70'000, static_cast<char>('a' + round)));
      EXPECT_LE(store.bytes(), 1'000'000u);
    }
  }
  for (const auto& output : outputs) {
    EXPECT_GT(output->evicted_bytes(), 0u);
    EXPECT_EQ(output->stdout_bytes(), 20u * 70'000);
  }
}

// Bulk at any speed must not make the controller grow.
TEST(ResultStoreTest, MemoryIsFlatWhileBulkFlows) {
  ResultStore store({.task_bytes = 1 << 20, .total_bytes = 1 << 30});
  TaskOutput output;
  for (int i = 0; i < 1000; ++i) {
    Fill(store, output, std::string(100'000, 'x'));
    ASSERT_LE(store.bytes(), (1u << 20) + 1000);
  }
}

TEST(ResultStoreTest, EqualResultsOfManyTasksCostTheirReferencesOnly) {
  ResultStore store({});
  std::vector<std::unique_ptr<TaskOutput>> outputs;
  const std::string data(10'000, 'x');
  for (int task = 0; task < 10'000; ++task) {
    outputs.push_back(std::make_unique<TaskOutput>());
    Fill(store, *outputs.back(), data);
  }
  EXPECT_LE(store.bytes(), 20'000u);
  EXPECT_LE(sizeof(TaskOutput) + sizeof(StoredChunk), 200u);
}

TEST(ResultStoreTest, OutputThatGoesFreesItsMemory) {
  ResultStore store({});
  {
    TaskOutput output;
    Fill(store, output, "hello");
  }
  EXPECT_EQ(store.bytes(), 0u);
}

TEST(ResultStoreTest, OverlapIsCutOffOrRefused) {
  ResultStore store({});
  TaskOutput output;
  Fill(store, output, "one ");
  Fill(store, output, "two ");
  v1::OutputChunk joined = Chunk(kFirst, "one two three");
  joined.set_next_position(kFirst + 28 + 28 + 24 + 5);
  EXPECT_EQ(store.Append(output, joined, 0), ResultStore::Appended::kStored);
  EXPECT_EQ(Read(output), "one two three");
  v1::OutputChunk within = Chunk(kFirst + 5, "ne two three four");
  within.set_next_position(500);
  EXPECT_EQ(store.Append(output, within, 0), ResultStore::Appended::kMisplaced);
}

TEST(ResultStoreTest, RestoredOutputIsAGap) {
  ResultStore store({});
  TaskOutput output;
  output.Restore(1000, 900, 4);
  EXPECT_EQ(Read(output), "[904]");
  EXPECT_EQ(output.evicted_bytes(), 904u);
  TaskOutput none;
  none.Restore(kFirst, 0, 0);
  EXPECT_EQ(Read(none), "");
}

TEST(ResultStoreTest, PositionWithinAChunkIsAGapUpToItsEnd) {
  ResultStore store({});
  TaskOutput output;
  Fill(store, output, "one two ");
  const OutputView view = output.At(kFirst + 5);
  EXPECT_EQ(view.kind, OutputView::Kind::kGap);
  EXPECT_EQ(view.from, kFirst + 5);
  EXPECT_EQ(view.to, output.next_position());
}

// Whatever is appended, evicted and finished in whatever order: what is read
// is what was written, and the counts add up.
TEST(ResultStorePropertyTest, BytesReadAndEvictedAreTheBytesWritten) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    ResultStore store({.task_bytes = 1 + random() % 20'000,
                       .total_bytes = 1 + random() % 50'000});
    std::vector<std::unique_ptr<TaskOutput>> outputs;
    for (int i = 0; i < 5; ++i) {
      outputs.push_back(std::make_unique<TaskOutput>());
    }
    std::vector<bool> finished(outputs.size());
    for (int step = 0; step < 200; ++step) {
      const size_t task = random() % outputs.size();
      if (!finished[task] && random() % 50 == 0) {
        store.Finish(*outputs[task]);
        finished[task] = true;
      } else if (!finished[task]) {
        Fill(store, *outputs[task], std::string(1 + random() % 3000, 'x'));
      }
      const std::string text = Read(*outputs[task]);
      const size_t kept = std::count(text.begin(), text.end(), 'x');
      EXPECT_EQ(kept + outputs[task]->evicted_bytes(),
                outputs[task]->stdout_bytes());
    }
  }
}

}  // namespace
}  // namespace tutti::controller
