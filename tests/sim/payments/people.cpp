#include "people.h"

#include "json_members.h"

namespace florin::sim {

void People::work(unsigned doubts_per_mille, unsigned reviews_per_mille) {
  if (!machine_.serving()) return;
  for (const OpenOperation& open : machine_.open_operations()) {
    const bool review = open.state == domain::OperationState::review;
    if (review && !altered_.contains(open.id.text())) {
      complaints_.push_back(open.id.text() + " is in review for no reason");
    }
    if (!dice_.per_mille(review ? reviews_per_mille : doubts_per_mille)) continue;
    ++(review ? tally_.reviews : tally_.doubts);
    decide(open);
  }
}

void People::decide(const OpenOperation& open) {
  auto record = psp_.record(open.psp_key);
  const bool guess = sabotage_ == Sabotage::people_guess;
  if (!record && !guess) psp_.cancel(open.psp_key);
  bool succeeded = false;
  std::string name;
  if (record && !guess) {
    const json::object answer = record->at("answer").get_object();
    succeeded =
        number_of(*record, "answer_status") == 201 && text_of(answer, "status") != "declined";
    const bool opens =
        open.kind == domain::OperationKind::authorize || open.kind == domain::OperationKind::sale;
    if (succeeded && opens) name = text_of(answer, "id");
  }
  // They take their time, and the daemon may be dead or the matter over when they have signed.
  timeline_.in(dice_.between(kSecond, 20 * kMinute), [this, open, succeeded, name] {
    const bool heard = machine_.resolve(
        open.house, open.id, succeeded, name, [this, open](const Result<bool>& done) {
          if (done.ok() && !*done) ++tally_.too_late;
          if (!done.ok()) {
            complaints_.push_back("a decision about " + open.id.text() +
                                  " was refused: " + done.error().to_log());
          }
        });
    if (!heard) ++tally_.too_late;
  });
}

}  // namespace florin::sim
