/**
 * Says what a training run takes before anything runs. Shapes of model and cluster come in; memory,
 * time and network traffic go out.
 *
 * <p>May use no other room.
 */
package org.uiospark.jobs.plan;
