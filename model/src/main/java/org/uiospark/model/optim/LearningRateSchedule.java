package org.uiospark.model.optim;

import org.uiospark.model.input.InvalidInputException;

/**
 * Linear warm-up, then cosine decay to a floor.
 *
 * @param peak learning rate at the end of the warm-up
 * @param warmupSteps steps of the warm-up; 0 starts at the peak
 * @param totalSteps steps of the run; later steps stay at the floor
 * @param floorRatio the floor as a share of the peak, 0 to 1
 */
public record LearningRateSchedule(
    double peak, int warmupSteps, int totalSteps, double floorRatio) {
  /** Checks the ranges. */
  public LearningRateSchedule {
    if (!(peak > 0) || Double.isInfinite(peak)) {
      throw new InvalidInputException("lr " + peak + " is out of range: above 0");
    }
    if (totalSteps < 1) {
      throw new InvalidInputException("steps " + totalSteps + " is out of range: at least 1");
    }
    if (warmupSteps < 0) {
      throw new InvalidInputException("warm-up of " + warmupSteps + " steps: at least 0");
    }
    if (!(floorRatio >= 0 && floorRatio <= 1)) {
      throw new InvalidInputException(
          "learning rate floor " + floorRatio + " is out of range: 0 to 1 of the peak");
    }
  }

  /** The learning rate of a step, counted from 0. */
  public double at(long step) {
    if (step < warmupSteps) {
      return peak * (step + 1) / warmupSteps;
    }
    if (step >= totalSteps) {
      return peak * floorRatio;
    }
    double progress = (double) (step - warmupSteps) / (totalSteps - warmupSteps);
    double cosine = (1 + StrictMath.cos(Math.PI * progress)) / 2;
    return peak * (floorRatio + (1 - floorRatio) * cosine);
  }
}
