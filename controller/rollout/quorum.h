// How many targets have to accept a task before any of them starts it.
#ifndef CONTROLLER_ROLLOUT_QUORUM_H_
#define CONTROLLER_ROLLOUT_QUORUM_H_

#include <cstdint>
#include <vector>

namespace tutti::controller {

// Says whom to ask and counts who has accepted. A target that is offline has
// not, whatever it said before; one whose task is over never will. Once the
// quorum was reached, or got out of reach, it stays so. Not thread-safe.
class Quorum {
 public:
  // 0: none is needed.
  Quorum(uint32_t needed, uint32_t tasks)
      : needed_(needed),
        tasks_(tasks),
        stage_(needed == 0      ? Stage::kReached
               : needed > tasks ? Stage::kOutOfReach
                                : Stage::kOpen),
        answers_(needed == 0 ? 0 : tasks, Answer::kAway) {}

  // From now on, while it is open.
  void Set(uint32_t needed);

  // Neither reached nor out of reach: answers count.
  bool open() const { return stage_ == Stage::kOpen; }
  bool reached() const { return stage_ == Stage::kReached; }
  bool out_of_reach() const { return stage_ == Stage::kOutOfReach; }
  // How many tasks there are, and how many of them were over without having
  // been started when it was reached or got out of reach.
  uint32_t tasks() const { return tasks_; }
  uint32_t over() const { return over_; }
  // How many have accepted.
  uint32_t accepted() const { return accepted_; }

  // The target of a task that is not over came online or went offline.
  void Connect(uint32_t task);
  void Disconnect(uint32_t task);
  // Who is to be asked now.
  std::vector<uint32_t> TakeToAsk();
  // Without effect unless it was asked and has been online since.
  void Accept(uint32_t task);
  // The task is over.
  void End(uint32_t task);

  // Some task has started before the controller did: it was reached then.
  void Pass() { stage_ = Stage::kReached; }
  // It takes too long.
  void GiveUp() {
    if (open()) stage_ = Stage::kOutOfReach;
  }
  // It does not matter any more.
  void Close() {
    if (open()) stage_ = Stage::kClosed;
  }

 private:
  enum class Stage : uint8_t { kOpen, kReached, kOutOfReach, kClosed };
  enum class Answer : uint8_t { kAway, kToAsk, kAsked, kAccepted, kOver };

  void Check();

  uint32_t needed_;
  const uint32_t tasks_;
  Stage stage_;
  uint32_t accepted_ = 0;
  uint32_t over_ = 0;
  // By task.
  std::vector<Answer> answers_;
  // Those in kToAsk, and some that have left it.
  std::vector<uint32_t> to_ask_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_ROLLOUT_QUORUM_H_
