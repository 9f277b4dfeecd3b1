/** What training leaves behind: checkpoints that are whole or not there. */
package org.uiospark.jobs.checkpoint;
