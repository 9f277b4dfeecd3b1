/** Memory, time and network of a training run, before anything runs. */
package org.uiospark.jobs.plan;
