/** An export as a DJL model: text in, its continuation out, without Spark. */
package org.uiospark.model.serve;
