/** What Spark tasks share in a JVM: base models, data sets, devices. */
package org.uiospark.jobs.task;
