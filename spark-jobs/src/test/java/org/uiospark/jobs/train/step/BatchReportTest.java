package org.uiospark.jobs.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.uiospark.data.settings.Objective;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.NonFiniteException;

class BatchReportTest {
  private static LaneReport.Sequence sequence(int number, Objective objective, long labels) {
    return new LaneReport.Sequence(
        "document " + number, objective, 2, labels, 10, 1_000_000_000L * number);
  }

  /** As it arrives. */
  private static LaneReport lane(LaneReport.Sequence... sequences) {
    LaneReport sent = new LaneReport(new ArrayList<>(List.of(sequences)), null);
    LaneReport received = LaneReport.decode(sent.encode());
    assertThat(received).isEqualTo(sent);
    return received;
  }

  private static LaneReport lane(int number) {
    return lane(sequence(number, Objective.LM, 2));
  }

  @Test
  void lossAndLabelsAreThoseOfTheWholeBatch() {
    BatchReport report = new BatchReport(5, List.of(lane(0), lane(1), lane(2), lane(3)));

    assertThat(report.loss()).isEqualTo(new BatchLoss(1, Map.of("lm", 1.0), 40, 8));
    assertThat(report.computeSeconds()).isEqualTo(3);
    report.requireUseful(OptionalInt.empty(), 1);
  }

  @Test
  void eachObjectiveHasTheLossOfItsOwnLabelsHoweverTheLanesAreCut() {
    LaneReport.Sequence[] all = {
      sequence(0, Objective.AE, 2),
      sequence(1, Objective.LM, 4),
      sequence(2, Objective.SFT, 0),
      sequence(3, Objective.LM, 16)
    };

    for (List<LaneReport> lanes :
        List.of(
            List.of(lane(all[0]), lane(all[1]), lane(all[2]), lane(all[3])),
            List.of(lane(all[0], all[1]), lane(all[2], all[3])))) {
      assertThat(new BatchReport(5, lanes).loss().losses()).isEqualTo(Map.of("ae", 1.0, "lm", 0.2));
    }
  }

  @Test
  void theSlowestLaneIsThatWhoseSequencesTookLongestTogether() {
    LaneReport two = lane(sequence(2, Objective.LM, 1), sequence(3, Objective.LM, 1));

    assertThat(new BatchReport(5, List.of(lane(4), two)).computeSeconds()).isEqualTo(5);
  }

  @Test
  void aGradientThatIsNotFiniteIsRefusedByStepAndSequence() {
    BatchReport report = new BatchReport(5, List.of(lane(0), lane(1)));

    assertThatThrownBy(() -> report.requireUseful(OptionalInt.of(1), Double.NaN))
        .isInstanceOf(NonFiniteException.class)
        .hasMessageStartingWith("step 5: loss or gradient is not finite in document 1;");
  }

  @Test
  void aLossThatIsNotFiniteIsRefusedByStepAndSequence() {
    LaneReport.Sequence infinite =
        new LaneReport.Sequence("document 7", Objective.LM, Double.NaN, 0, 10, 1);
    BatchReport report = new BatchReport(5, List.of(lane(0), lane(infinite)));

    assertThatThrownBy(() -> report.requireUseful(OptionalInt.empty(), 1))
        .isInstanceOf(NonFiniteException.class)
        .hasMessageStartingWith("step 5: loss or gradient is not finite in document 7;");
  }

  @Test
  void aSumThatIsNotFiniteIsRefusedByItsSequences() {
    BatchReport report = new BatchReport(5, List.of(lane(0), lane(1)));

    assertThatThrownBy(() -> report.requireUseful(OptionalInt.empty(), Double.POSITIVE_INFINITY))
        .isInstanceOf(NonFiniteException.class)
        .hasMessageStartingWith("step 5: the gradients of document 0; document 1 have no finite");
  }

  @Test
  void aRefusalIsTold() {
    BatchReport report = new BatchReport(5, List.of(lane(0), LaneReport.refused("no such token")));

    assertThatThrownBy(() -> report.requireUseful(OptionalInt.empty(), 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("step 5: no such token");
  }

  @Test
  void aBatchWithoutLabelsIsRefusedByItsSequences() {
    BatchReport report =
        new BatchReport(
            5, List.of(lane(sequence(0, Objective.LM, 0)), lane(sequence(1, Objective.LM, 0))));

    assertThatThrownBy(() -> report.requireUseful(OptionalInt.empty(), Double.NaN))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("step 5")
        .hasMessageContaining("document 0; document 1");
  }
}
